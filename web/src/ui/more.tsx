import { useText } from '../i18n/language.tsx'
import { Button } from './button.tsx'

/** What of a list that is read in pages the button needs. */
interface Growing {
  hasNextPage: boolean
  isFetchingNextPage: boolean
  fetchNextPage: () => unknown
}

/** Lets a list grow; nothing where it is complete. */
export function More({ list, label }: { list: Growing; label?: string }) {
  const { states } = useText()
  if (!list.hasNextPage) return null
  return (
    <Button disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
      {label ?? states.more}
    </Button>
  )
}
