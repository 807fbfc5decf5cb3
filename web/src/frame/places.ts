import type { Messages } from '../i18n/en.ts'
import type { IconName } from '../ui/icon.tsx'

interface Place {
  to: '/' | '/popular' | '/search'
  icon: IconName
  name: keyof Messages['site'] & ('newest' | 'popular' | 'search')
}

/** What the navigation leads to. A new part of the site is one line here. */
export const places: readonly Place[] = [
  { to: '/', icon: 'newest', name: 'newest' },
  { to: '/popular', icon: 'popular', name: 'popular' },
  { to: '/search', icon: 'search', name: 'search' },
]
