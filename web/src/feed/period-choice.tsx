import { Link } from '@tanstack/react-router'
import type { Period } from '../api/pages.ts'
import { useText } from '../i18n/language.tsx'
import styles from './period-choice.module.css'
import { periods } from './periods.ts'

/** Which time a ranking is of; each is a page of its own, so that going back works. */
export function PeriodChoice({ period }: { period: Period }) {
  const { feed } = useText()
  return (
    <nav className={styles.choice} aria-label={feed.period}>
      {periods.map((one) => (
        <Link key={one} to="/popular" search={{ period: one }} data-chosen={one === period}>
          {feed[one]}
        </Link>
      ))}
    </nav>
  )
}
