export { openLowdbStore, restoreBackup, type LowdbStoreOptions } from "./openLowdbStore";
export { nodeFiles, type FilePort, type OpenFile } from "./filePort";
