import { writeExample } from '../kubernetes/chart.ts'
import { buildHelm, findHelm } from '../setup/helm.ts'
import type { Settings } from '../stack/settings.ts'

/**
 * `npm run chart:render`: writes docs/kubernetes/rendered.yaml, and builds Helm if there is none.
 */
export async function renderChart({ cache }: Settings): Promise<number> {
  await writeExample((await findHelm(cache)) ?? (await buildHelm(cache)))
  console.log('docs/kubernetes/rendered.yaml is what the chart makes')
  return 0
}
