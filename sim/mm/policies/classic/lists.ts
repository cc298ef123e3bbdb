/** The four lists of the classic LRU (enum lru_list). Head = youngest, tail = scanned first. */
export const LruList = { InactiveAnon: 0, ActiveAnon: 1, InactiveFile: 2, ActiveFile: 3 } as const;
export const LRU_LISTS = 4;

/** Lists that hold active pages have odd numbers. */
export const isActiveList = (list: number): boolean => (list & 1) === 1;
export const isFileList = (list: number): boolean => list >= LruList.InactiveFile;

/** The statistic that counts a list. */
export const LIST_STATS = ["inactive_anon", "active_anon", "inactive_file", "active_file"] as const;
