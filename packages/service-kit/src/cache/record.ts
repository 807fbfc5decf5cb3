/**
 * A value with its version, or the fact that there is none. The higher version is the newer record.
 */
export interface VersionedRecord<Value> {
  version: number
  value: Value | undefined
}

/**
 * A record as Redis keeps it: `<version> <JSON>`. A script can compare the version at the front.
 */
export function writeRecord({ version, value }: VersionedRecord<unknown>): string {
  return `${version} ${value === undefined ? '' : JSON.stringify(value)}`
}

/** @param text of `writeRecord` */
export function readRecord<Value>(text: string): VersionedRecord<Value> {
  const end = text.indexOf(' ')
  const json = text.slice(end + 1)
  return { version: Number(text.slice(0, end)), value: json === '' ? undefined : (JSON.parse(json) as Value) }
}
