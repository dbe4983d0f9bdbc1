/**
 * The host draws a random id for every request, which costs 8 % of what it does, and throws ours away. It takes the id from
 * this module's function; ours is offered right before the host is entered, and the host asks within the same tick.
 */
let offered: string | undefined;

export function offerRequestId(id: string): void {
  offered = id;
}

/** Call once before the host is loaded. @param load requires modules as the host does */
export function shareRequestIds(load: NodeJS.Require): void {
  const uuid62 = load("uuid62") as { v4: () => string };
  const draw = uuid62.v4.bind(uuid62);
  uuid62.v4 = () => {
    const id = offered ?? draw();
    offered = undefined;
    return id;
  };
}
