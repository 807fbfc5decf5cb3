/** Where to go after logging in: an address of this site, whatever the link said. */
export function readReturnPath({ to }: Record<string, unknown>): { to?: string } {
  const url = typeof to === 'string' ? URL.parse(to, location.origin) : null
  return url?.origin === location.origin ? { to: url.pathname + url.search } : {}
}
