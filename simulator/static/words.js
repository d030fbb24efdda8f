// What the phone's page says, in both of its languages.
const WORDS = {
  en: {
    phone: "phone", about: "Stand-ins for LINE and Messenger on this machine. No account is needed, and nothing leaves it.",
    customer: "Customer", channel: "Channel", try: "Try", tools: "Bad days and other tricks", block: "Block the shop",
    redeliver: "Send the last webhook again", fault500: "Next message: 500", fault429: "Next message: 429",
    drop: "Next message: delivered, answer lost", clear: "A good day again", day: "25 hours later (stand-ins' clock)",
    ref: "Open a link with ref", open: "Open", chat: "Chat", quick: "Quick replies", message: "Message", send: "Send",
    close: "Close the browser", reload: "Reload", browser: "Browser", traffic: "What the platform received and sent",
    empty: "Nothing yet. Write something on the phone.", friend: "Add the shop as a friend", started: "Get started",
    blocked: "You have blocked the shop.", unanswered: "The shop did not answer (status {0}).", done: "Done.",
    request: "request", answer: "answer", other: "中文", unblock: "Unblock",
    menu: "Menu", area: "Part {0} of the menu",
  },
  zh: {
    phone: "模擬手機", about: "這台電腦上的 LINE 與 Messenger 替身：不需要帳號，資料也不會傳出去。",
    customer: "顧客", channel: "通道", try: "試試看", tools: "模擬異常與其他功能", block: "封鎖店家",
    redeliver: "重送上一個 webhook", fault500: "下一則訊息：500", fault429: "下一則訊息：429",
    drop: "下一則訊息：已送達但回應遺失", clear: "恢復正常", day: "25 小時後（替身的時鐘）",
    ref: "開啟帶 ref 的連結", open: "開啟", chat: "聊天室", quick: "快速回覆", message: "訊息", send: "傳送",
    close: "關閉瀏覽器", reload: "重新整理", browser: "瀏覽器", traffic: "平台收到與送出的內容",
    empty: "還沒有任何內容，先在手機上輸入文字吧。", friend: "加店家為好友", started: "開始使用",
    blocked: "您已封鎖店家。", unanswered: "店家沒有回應（狀態 {0}）。", done: "完成。",
    request: "請求", answer: "回應", other: "English", unblock: "解除封鎖",
    menu: "選單", area: "選單的第 {0} 區",
  },
};

let language = localStorage.getItem("language") || (navigator.language.startsWith("zh") ? "zh" : "en");

export function word(name, ...values) {
  return values.reduce((text, value, i) => text.replace(`{${i}}`, value), WORDS[language][name]);
}

export function show() {
  document.documentElement.lang = language === "zh" ? "zh-Hant" : "en";
  for (const part of document.querySelectorAll("[data-words]")) part.textContent = word(part.dataset.words);
  for (const part of document.querySelectorAll("[data-label]")) part.setAttribute("aria-label", word(part.dataset.label));
  document.getElementById("language").textContent = word("other");
}

export function change() {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("language", language);
  show();
}
