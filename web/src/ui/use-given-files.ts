import { useEffect, useEffectEvent, useState } from 'react'

/**
 * Takes files that are pasted, or dropped anywhere on the page. With dropped ones a browser would
 * leave the page, to show them.
 *
 * @returns whether files are held over the page
 */
export function useGivenFiles(onFiles: (files: File[]) => void): boolean {
  const [isOver, setOver] = useState(false)
  const take = useEffectEvent(onFiles)
  useEffect(() => {
    const end = new AbortController()
    const { signal } = end
    const takeFrom = (event: Event, data: DataTransfer | null) => {
      const files = [...(data?.files ?? [])]
      if (files.length === 0) return
      event.preventDefault()
      take(files)
    }
    const dragOver = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      setOver(true)
    }
    const drop = (event: DragEvent) => {
      setOver(false)
      takeFrom(event, event.dataTransfer)
    }
    document.addEventListener('dragover', dragOver, { signal })
    document.addEventListener('dragleave', ({ relatedTarget }) => relatedTarget === null && setOver(false), { signal })
    document.addEventListener('drop', drop, { signal })
    document.addEventListener('paste', (event) => takeFrom(event, event.clipboardData), { signal })
    return () => end.abort()
  }, [])
  return isOver
}
