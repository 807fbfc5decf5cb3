import { fetchPythonPackages } from './python-packages.ts'

/** Returns a Python with Schemathesis; run it as `<python> -m schemathesis.cli`. */
export const fetchSchemathesis = (cache: string): Promise<string> =>
  fetchPythonPackages(cache, { name: 'schemathesis', requirements: 'schemathesis.txt' })
