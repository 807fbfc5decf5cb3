import { useEffect, useEffectEvent } from 'react'

/** Whether a key belongs to what has the focus: text, a choice, a dialog. */
const isTaken = (target: EventTarget | null) =>
  target instanceof Element && target.closest('input, textarea, select, dialog[open]') !== null

/** Keys of the feed. Space is the slide's own, except where a button has the focus. */
export function useFeedKeys(options: { onMove: (by: number) => void; onMute: () => void; onHelp: () => void }): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event.target)) return
    const actions: Record<string, () => void> = {
      ArrowDown: () => options.onMove(1),
      ArrowUp: () => options.onMove(-1),
      PageDown: () => options.onMove(1),
      PageUp: () => options.onMove(-1),
      m: options.onMute,
      '?': options.onHelp,
    }
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    if (!action) return
    event.preventDefault()
    action()
  })
  useEffect(() => {
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}
