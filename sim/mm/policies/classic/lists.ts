/**
 * The four lists of the classic LRU (enum lru_list), which are also the statistics that count them (`Stat`). Head =
 * youngest, tail = scanned first.
 */
export const LruList = { InactiveAnon: 0, ActiveAnon: 1, InactiveFile: 2, ActiveFile: 3 } as const;
export const LRU_LISTS = 4;

/** Lists that hold active pages have odd numbers. */
export const isActiveList = (list: number): boolean => (list & 1) === 1;
export const isFileList = (list: number): boolean => list >= LruList.InactiveFile;
