import type { IOptions } from "sanitize-html";

const MATH = [
  "math", "semantics", "annotation", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup",
  "munder", "mover", "munderover", "mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom", "menclose",
];
const MATH_ATTRIBUTES = [
  "mathvariant", "mathsize", "stretchy", "fence", "separator", "lspace", "rspace", "displaystyle", "scriptlevel", "linethickness", "accent", "accentunder",
  "columnalign", "columnspacing", "rowspacing", "columnlines", "rowlines", "width", "height", "depth", "voffset", "minsize", "maxsize", "mathcolor",
  "mathbackground", "notation", "largeop", "movablelimits", "symmetric",
];

/** Exactly what our own rendering makes, and nothing else: the second wall behind `html: false`. */
export const ALLOWED_HTML: IOptions = {
  allowedTags: [
    "h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "strong", "em", "s", "blockquote", "ul", "ol", "li", "a", "code", "pre", "div", "span", "button",
    "table", "thead", "tbody", "tr", "th", "td", ...MATH,
  ],
  allowedAttributes: {
    a: ["href", "title", "rel", "target"],
    ol: ["start"],
    pre: ["tabindex"],
    div: [{ name: "role", values: ["group"] }, { name: "aria-label", values: ["Table"] }, "tabindex"],
    span: ["tabindex"],
    button: [{ name: "type", values: ["button"] }, "data-copy-code", { name: "aria-label", values: ["Copy the code"] }],
    th: [{ name: "class", values: ["align-right", "align-center"] }],
    td: [{ name: "class", values: ["align-right", "align-center"] }],
    math: ["xmlns", "display"],
    annotation: ["encoding"],
    ...Object.fromEntries(MATH.slice(3).map((tag) => [tag, MATH_ATTRIBUTES])),
  },
  allowedClasses: {
    div: ["code-block", "code-head", "table-box"],
    span: ["code-language", "katex", "math-display", "hljs-*", /^[a-z]+_+$/],
    code: ["math-source"],
    button: ["code-copy"],
    th: ["align-right", "align-center"],
    td: ["align-right", "align-center"],
  },
  allowedSchemes: ["http", "https", "mailto"],
  allowProtocolRelative: false,
  disallowedTagsMode: "escape",
  enforceHtmlBoundary: false,
};
