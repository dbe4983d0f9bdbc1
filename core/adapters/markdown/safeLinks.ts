import type { MarkdownIt, Token } from "markdown-it";

const BOXES = new Map([["[ ] ", "☐ "], ["[x] ", "☑ "], ["[X] ", "☑ "]]);

/**
 * Links open elsewhere and tell nobody where they were clicked. A picture becomes a link with its description: a browser that
 * loads what a model names would tell that host what was asked. Boxes of task lists become signs.
 */
export function addSafeLinks(markdown: MarkdownIt): void {
  markdown.core.ruler.push("safe_links", ({ tokens, Token: TokenClass }) => {
    tokens.forEach((token, at) => {
      if (token.type !== "inline" || !token.children) return;
      token.children = withoutImages(token.children, TokenClass);
      if (tokens[at - 2]?.type === "list_item_open") markBox(token.children[0]);
    });
  });
}

function withoutImages(children: readonly Token[], TokenClass: new (type: string, tag: string, nesting: -1 | 0 | 1) => Token): Token[] {
  let inLink = false;
  return children.flatMap((child) => {
    if (child.type === "link_open") {
      inLink = true;
      secure(child);
    }
    if (child.type === "link_close") inLink = false;
    if (child.type !== "image") return [child];
    const text = new TokenClass("text", "", 0);
    text.content = child.content || "picture";
    if (inLink) return [text];
    const open = new TokenClass("link_open", "a", 1);
    open.attrSet("href", child.attrGet("src") ?? "");
    secure(open);
    return [open, text, new TokenClass("link_close", "a", -1)];
  });
}

function secure(link: Token): void {
  link.attrSet("rel", "noopener noreferrer nofollow");
  link.attrSet("target", "_blank");
}

function markBox(text: Token | undefined): void {
  const box = text?.type === "text" ? BOXES.get(text.content.slice(0, 4)) : undefined;
  if (text && box) text.content = box + text.content.slice(4);
}
