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
  | "EINPROGRESS"
  | "ECANCELED"
  | "ENOTCONN"
  | "ENOTEMPTY"
  | "EXDEV"
  | "ENODEV"
  | "EISDIR"
  | "ENOTTY"
  | "EAGAIN"
  | "EINTR"
  | "ESRCH"
  /** The server does not know the file any more. */
  | "ESTALE"
  /** Not an error number: the signal that ends a store into a mapping whose page must not be written. */
  | "SIGBUS";
