/** Style sheets are bundled, not loaded. */
declare module "*.css";
