import { z } from 'zod'

const Report = z.object({
  metadata: z.object({ vulnerabilities: z.object({ high: z.int(), critical: z.int() }) }),
  vulnerabilities: z.record(z.string(), z.object({ severity: z.string(), range: z.string() })),
})

/** `clean`, `found` with what was found, `unknown` with why nobody could tell. */
export interface AuditVerdict {
  outcome: 'clean' | 'found' | 'unknown'
  detail: string
}

/**
 * Reads what `npm audit --json` printed. A registry that does not answer says nothing about the
 * packages, and an installation without one has to pass.
 */
export function auditVerdict(printed: string): AuditVerdict {
  const { data } = Report.safeParse(parse(printed))
  if (!data) return { outcome: 'unknown', detail: messageIn(printed) }
  const { high, critical } = data.metadata.vulnerabilities
  if (high + critical === 0) return { outcome: 'clean', detail: '' }
  const severe = Object.entries(data.vulnerabilities).filter(([, { severity }]) => /^(high|critical)$/.test(severity))
  return {
    outcome: 'found',
    detail: severe.map(([name, { severity, range }]) => `${name} ${range}: ${severity}`).join('\n'),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function messageIn(printed: string): string {
  const { data } = z.object({ message: z.string() }).safeParse(parse(printed))
  return data?.message ?? 'it said nothing that can be read'
}
