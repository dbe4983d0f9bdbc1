/**
 * Files of one process in a folder that several processes of a machine may share carry its number at their beginning: what a process
 * that is no more left behind belongs to whoever finds it.
 */
export const ownFile = (rest: string): string => `${process.pid}.${rest}`;

/** Whether the process that a file is named after still runs, and is not this one: a container gives each start the same number. */
export function isAnothersAlive(name: string): boolean {
  const pid = Number.parseInt(name, 10);
  if (!Number.isSafeInteger(pid) || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
