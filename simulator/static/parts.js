// Parts of a page, made in one expression. Text is always set as text, never as HTML.

export function make(name, properties = {}, ...children) {
  const part = Object.assign(document.createElement(name), properties);
  part.append(...children);
  return part;
}
