import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query'
import { patchPages } from './patch-pages.ts'

/**
 * Turns something on or off for the viewer: shown at once wherever it is shown, and as it was where
 * that is refused.
 *
 * @param options.flag the field that says whether it is on
 * @param options.counter what counts everybody for whom it is on
 * @param options.set tells the server
 * @param options.decides the list whose content it decides, which is read anew
 */
export function useToggle<Flag extends string, Counter extends string>(options: {
  id: number
  flag: Flag
  counter: Counter
  set: (isOn: boolean) => Promise<unknown>
  decides?: QueryKey
}) {
  const { id, flag, counter, set, decides } = options
  const client = useQueryClient()
  type Shown = { id: number } & Record<Flag, boolean> & { counters: Record<Counter, number> }
  return useMutation({
    scope: { id: `${flag} ${id}` },
    mutationFn: set,
    onMutate: (isOn) =>
      patchPages(
        client,
        (thing) => thing.id === id && flag in thing && (thing as unknown as Shown)[flag] !== isOn,
        ({ counters }: Shown) => ({
          [flag]: isOn,
          counters: { ...counters, [counter]: Math.max(0, counters[counter] + (isOn ? 1 : -1)) },
        }),
      ),
    onSuccess: () => decides && client.invalidateQueries({ queryKey: decides }),
    onError: (_error, _isOn, undo) => undo?.(),
  })
}
