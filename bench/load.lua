-- wrk's side of bench/load.py. Each thread takes its own slice of the file of requests and sends each of them once.
-- A line is: path, or path TAB header-name TAB header-value TAB body. Arguments: file, method, threads, marker.
-- An answer whose body holds the marker is counted as matched. A thread whose slice is used up stops; where it is the
-- only one, wrk ends then, instead of sleeping until its time is over.

local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } bench_instant;
  int clock_gettime(int clock, bench_instant *instant);
  int getpid(void);
  int kill(int process, int signal);
]]

local MONOTONIC, INTERRUPT = 1, 2
local all_threads = {}

function setup(thread)
  table.insert(all_threads, thread)
  thread:set("number", #all_threads)
end

local instant = ffi.new("bench_instant")
local function now()
  ffi.C.clock_gettime(MONOTONIC, instant)
  return tonumber(instant.seconds) + tonumber(instant.nanoseconds) / 1e9
end

local requests, at, marker, threads, is_tried, is_over = {}, 0, "", 1, false, false

function init(arguments)
  local method, line_number = arguments[2], 0
  threads, marker = tonumber(arguments[3]), arguments[4] or ""
  for line in io.lines(arguments[1]) do
    if line_number % threads == number - 1 then
      local path, name, value, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
      if name and name ~= "" then wrk.headers[name] = value end
      table.insert(requests, wrk.format(method, path or line, nil, body))
    end
    line_number = line_number + 1
  end
  answered, matched, began, ended, statuses = 0, 0, 0, 0, {}
end

function request()
  if not is_tried and number == 1 then -- wrk asks the first thread once to see how many requests a string holds
    is_tried = true
    return requests[1] or wrk.format()
  end
  if at == 0 then began = now() end
  at = at + 1
  if at > #requests then
    if not is_over then
      is_over = true
      wrk.thread:stop()
      if threads == 1 then ffi.C.kill(ffi.C.getpid(), INTERRUPT) end
    end
    return requests[#requests] or wrk.format()
  end
  return requests[at]
end

function response(status, _, body)
  if is_over then return end
  answered, ended = answered + 1, now()
  statuses[status] = (statuses[status] or 0) + 1
  if marker == "" or body:find(marker, 1, true) then matched = matched + 1 end
end

function done(summary, latency, _)
  local total, fits, first, last, counts = 0, 0, math.huge, 0, {}
  for _, thread in ipairs(all_threads) do
    total, fits = total + thread:get("answered"), fits + thread:get("matched")
    first, last = math.min(first, thread:get("began")), math.max(last, thread:get("ended"))
    for status, count in pairs(thread:get("statuses")) do counts[status] = (counts[status] or 0) + count end
  end
  local words = {}
  for status, count in pairs(counts) do table.insert(words, string.format('"%d": %d', status, count)) end
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    'bench {"answered": %d, "matched": %d, "seconds": %.6f, "failed": %d, "p50": %.3f, "p90": %.3f, "p99": %.3f, "statuses": {%s}}\n',
    total, fits, math.max(last - first, 0), failed, latency:percentile(50) / 1000, latency:percentile(90) / 1000,
    latency:percentile(99) / 1000, table.concat(words, ", ")))
end
