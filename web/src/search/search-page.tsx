import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { pages } from '../api/pages.ts'
import { useText } from '../i18n/language.tsx'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icon.tsx'
import { Empty } from '../ui/states.tsx'
import { useTitle } from '../ui/use-title.ts'
import { VideoGrid } from '../ui/video-grid.tsx'
import { type Conditions, readConditions, toQuery } from './conditions.ts'
import styles from './search.module.css'

/** Videos by words, author and time. The conditions are in the address, to be kept and shared. */
export function SearchPage({ conditions }: { conditions: Conditions }) {
  const { search } = useText()
  useTitle(search.title)
  const list = useInfiniteQuery(pages.search(toQuery(conditions)))
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{search.title}</h1>
        <Link to="/pictures" className={styles.byPicture}>
          <Icon name="camera" />
          {search.byPicture}
        </Link>
      </header>
      <SearchForm conditions={conditions} />
      <VideoGrid list={list} whenEmpty={<Empty title={search.noneTitle}>{search.none}</Empty>} />
    </div>
  )
}

function SearchForm({ conditions }: { conditions: Conditions }) {
  const { search } = useText()
  const navigate = useNavigate()
  const field = (name: keyof Conditions, label: string, type: 'search' | 'text' | 'date') => (
    <label className={styles.field}>
      {label}
      <input
        name={name}
        type={type}
        maxLength={type === 'date' ? undefined : 100}
        defaultValue={conditions[name]}
        autoComplete="off"
      />
    </label>
  )
  return (
    <search>
      {/* Going back shows what the address says, not what was typed last. */}
      <form
        key={JSON.stringify(conditions)}
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          const typed = Object.fromEntries(new FormData(event.currentTarget))
          void navigate({ to: '/search', search: readConditions(typed) })
        }}
      >
        {field('q', search.label, 'search')}
        {field('by', search.author, 'text')}
        {field('from', search.from, 'date')}
        {field('to', search.to, 'date')}
        <Button type="submit" kind="main">
          {search.submit}
        </Button>
      </form>
      <p className={styles.hint}>{search.hint}</p>
    </search>
  )
}
