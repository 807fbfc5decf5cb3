import { useMemo } from 'react'
import { type Language, useSpoken } from './language.tsx'

const SECOND = 1_000
const steps = [
  { unit: 'year', ms: 365 * 86_400 * SECOND },
  { unit: 'month', ms: 30 * 86_400 * SECOND },
  { unit: 'week', ms: 7 * 86_400 * SECOND },
  { unit: 'day', ms: 86_400 * SECOND },
  { unit: 'hour', ms: 3_600 * SECOND },
  { unit: 'minute', ms: 60 * SECOND },
  { unit: 'second', ms: SECOND },
] as const

const sizes = [
  { unit: 'gigabyte', least: 1e9 },
  { unit: 'megabyte', least: 1e6 },
  { unit: 'kilobyte', least: 1e3 },
  { unit: 'byte', least: 1 },
] as const

const spans = [
  { unit: 'hour', least: 3_600 },
  { unit: 'minute', least: 60 },
  { unit: 'second', least: 1 },
] as const

/** Numbers and times as the language writes them. */
export function formatsOf(language: Language) {
  const compact = new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 })
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  const exact = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short' })
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'long' })
  const percent = new Intl.NumberFormat(language, { style: 'percent' })
  const unit = (name: string, unitDisplay: 'short' | 'long') =>
    new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay, maximumSignificantDigits: 3 })
  const size = (bytes: number) => {
    const step = sizes.find(({ least }) => bytes >= least) ?? sizes[3]
    return unit(step.unit, 'short').format(bytes / step.least)
  }
  return {
    /** 1.2K and 1.2万. */
    count: (value: number) => compact.format(value),
    /** 3 minutes ago; `now` in ms after 1970. */
    ago(instant: string, now = Date.now()): string {
      const passed = Math.min(0, Date.parse(instant) - now)
      const step = steps.find(({ ms }) => -passed >= ms) ?? { unit: 'second', ms: SECOND }
      return relative.format(Math.ceil(passed / step.ms), step.unit)
    },
    /** 89%. */
    percent: (part: number) => percent.format(part),
    /** 3.4 MB; a megabyte has a million bytes, as file managers say it. */
    size,
    /** 5.2 MB/s. */
    rate: (bytesPerSecond: number) => `${size(bytesPerSecond)}/s`,
    /** 3 minutes. */
    span(seconds: number): string {
      const step = spans.find(({ least }) => seconds >= least) ?? spans[2]
      return unit(step.unit, 'long').format(Math.max(1, Math.round(seconds / step.least)))
    },
    moment: (instant: string) => exact.format(Date.parse(instant)),
    day: (instant: string) => day.format(Date.parse(instant)),
  }
}

export function useFormats() {
  const { language } = useSpoken()
  return useMemo(() => formatsOf(language), [language])
}

/** A length of time as 1:05 or 1:01:05. */
export function duration(seconds: number): string {
  const whole = Number.isFinite(seconds) ? Math.max(0, Math.floor(seconds)) : 0
  const [hours, minutes, rest] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (value: number) => String(value).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}
