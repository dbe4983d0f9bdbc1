export { openLowdbStore, restoreBackup, type LowdbStoreOptions } from "./openLowdbStore";
export { openContents } from "./contents";
export { openFolderTarget } from "./fillFolder";
export { nodeFiles, type FilePort, type OpenFile } from "./filePort";
