/** What is known under a key: a value, or that there is none. Of two records the one with the higher version is right. */
export interface VersionedRecord<Value> {
  version: number
  value: Value | undefined
}

/** A record as Redis keeps it: `<version> <JSON>`, the version first, so that a script can compare it. */
export function writeRecord({ version, value }: VersionedRecord<unknown>): string {
  return `${version} ${value === undefined ? '' : JSON.stringify(value)}`
}

/** @param text of `writeRecord` */
export function readRecord<Value>(text: string): VersionedRecord<Value> {
  const end = text.indexOf(' ')
  const json = text.slice(end + 1)
  return { version: Number(text.slice(0, end)), value: json === '' ? undefined : (JSON.parse(json) as Value) }
}
