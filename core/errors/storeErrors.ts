/** The engine cannot be reached or trusted: holds and authentication are refused, never waved through. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}

/** A unique value is taken, or somebody else changed the row first. */
export class StoreConflict extends Error {
  override readonly name = "StoreConflict";
}

/** The data folder cannot be used as it is; the message says which file and what to do. */
export class StoreRefused extends Error {
  override readonly name = "StoreRefused";
}
