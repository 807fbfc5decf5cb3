import { useState } from 'react'
import { readPreference, writePreference } from '../lib/preferences.ts'

/** Whether videos play without sound, until a person turns it on; kept for the next visit. */
export function useMuted() {
  const [isMuted, setMuted] = useState(() => readPreference('muted') !== 'false')
  const toggle = () =>
    setMuted((was) => {
      writePreference('muted', String(!was))
      return !was
    })
  return { isMuted, toggle }
}
