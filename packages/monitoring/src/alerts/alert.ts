/** A condition that somebody has to look at. */
export interface Alert {
  /** Also the name of its runbook, docs/runbooks/<name>.md. */
  name: string
  /** Holds for each series of the answer. */
  expression: string
  /** How long it has to hold, in seconds: shorter is no trouble. */
  forSeconds: number
  /** `page` wakes somebody; `ticket` can wait for the morning. */
  severity: 'page' | 'ticket'
  /** One line for whoever is woken; `{{ $labels.app }}` and the like name the series. */
  summary: string
  /** The dashboard that shows what it is about. */
  dashboard: string
}

/** A window in an expression, for rules that are tried faster than they are meant. */
const WINDOW = /\[(\d+)([smhd])\]/g
const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** An alert whose windows and waits are so many times as long, but no window under 6 s. */
export function scaleAlert(alert: Alert, factor: number): Alert {
  const expression = alert.expression.replaceAll(WINDOW, (_all, count: string, unit: keyof typeof SECONDS) => {
    return `[${Math.max(6, Math.round(Number(count) * SECONDS[unit] * factor))}s]`
  })
  return { ...alert, expression, forSeconds: Math.max(1, Math.round(alert.forSeconds * factor)) }
}
