// What was typed or scanned, as codes are written: the same rules as the shop's own (core/spelling.py).
export const asGiven = (words) => words.replace(/[\x00-\x1f\x7f]/g, "").trim();
export const normal = (words) => asGiven(words.normalize("NFKC"));
export const reference = (words) => normal(words).toUpperCase().replace(/[- ]/g, "");

// As it stands first: upper and lower case are told apart only where the codes themselves do.
export function variants(words) {
  const typed = normal(words);
  return [...new Set([asGiven(words), typed, typed.toUpperCase(), typed.toLowerCase()])];
}
