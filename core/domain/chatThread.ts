import type { ChatMessage, ThreadMessage } from "./chatMessage";

/** All messages of a conversation, by id, in the order in which they began. */
export type MessageTree = ReadonlyMap<string, ChatMessage>;

/** From one message up to the first: the first comes first. A message without its parent ends the way. */
export function pathTo(tree: MessageTree, leafId: string | undefined): ChatMessage[] {
  const path: ChatMessage[] = [];
  const seen = new Set<string>();
  for (let id = leafId; id !== undefined && !seen.has(id); ) {
    const message = tree.get(id);
    if (!message) break;
    seen.add(id);
    path.push(message);
    id = message.parentId;
  }
  return path.reverse();
}

/** The end of the branch that goes on from a message, by its newest child each time. */
export function leafBelow(tree: MessageTree, id: string): string {
  const newest = new Map<string, string>();
  for (const message of tree.values()) if (message.parentId !== undefined) newest.set(message.parentId, message.id);
  let leaf = id;
  const seen = new Set<string>();
  for (let next = newest.get(leaf); next !== undefined && !seen.has(next); next = newest.get(leaf)) {
    seen.add(next);
    leaf = next;
  }
  return leaf;
}

/** The branch that is shown, each message with its siblings. Without a leaf that is there, the newest message is the leaf. */
export function activeBranch(tree: MessageTree, leafId: string | undefined): ThreadMessage[] {
  const children = new Map<string, string[]>();
  const keyOf = ({ parentId, role }: ChatMessage): string => `${role} ${parentId ?? ""}`;
  for (const message of tree.values()) {
    const key = keyOf(message);
    const siblings = children.get(key);
    if (siblings) siblings.push(message.id);
    else children.set(key, [message.id]);
  }
  const leaf = leafId !== undefined && tree.has(leafId) ? leafId : [...tree.keys()].at(-1);
  return pathTo(tree, leaf).map((message) => {
    const siblings = children.get(keyOf(message)) ?? [message.id];
    return { message, position: siblings.indexOf(message.id), siblings };
  });
}
