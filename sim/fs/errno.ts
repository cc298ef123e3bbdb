/** The errors a simulated kernel answers with. A missing errno (undefined) means success. */
export type Errno =
  | "EPERM"
  | "ENOENT"
  | "EIO"
  | "ENOMEM"
  | "EBUSY"
  | "EEXIST"
  | "EINVAL"
  | "EFBIG"
  | "ETXTBSY"
  | "ENOSPC"
  | "EROFS"
  | "EOPNOTSUPP"
  | "EINPROGRESS";
