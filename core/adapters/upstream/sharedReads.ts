import type { OnReadOpts, Socket } from "node:net";

/** As much as one read brings, by Node's own measure. */
const MOST_BYTES = 65_536;

/**
 * How unencrypted connections to servers are read. Node asks the allocator for 64 kB for each read and gives back what was not filled: for a stream's event of some hundred bytes that, and freeing it in a
 * collection, was a tenth of all that is done for the event. Here all of them read into one place, one after the other, and what came is copied from it.
 */
export const SHARED_READS: { readonly onread: OnReadOpts } = {
  onread: {
    buffer: Buffer.allocUnsafeSlow(MOST_BYTES),
    callback(this: Socket, length, read) {
      const bytes = Buffer.allocUnsafe(length);
      bytes.set(read.subarray(0, length));
      return this.push(bytes);
    },
  },
};
