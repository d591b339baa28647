import { askDoctor, doctorFindings } from './check-doctor.ts';
import { checkSdks } from './check-sdks.ts';
import { startLoneEngine } from './lone-engine.ts';
import type { EngineProcess } from './engine-process.ts';
import type { Finding } from './finding.ts';

/**
 * The doctor first, asked directly: what it says of an engine must not be coloured by us. Then the product with the
 * profile that the doctor found, and every SDK through it.
 */
export async function verifyAlone(engine: EngineProcess, wanted: (check: Finding['check']) => boolean): Promise<Finding[]> {
  console.log(`doctor of ${engine.id} …`);
  const report = await askDoctor(engine);
  if (!report.ok) return [{ check: 'doctor', subject: engine.id, result: 'missed', what: `it could not be examined: ${report.failure}` }];
  const findings = wanted('doctor') ? doctorFindings(engine, report.value) : [];
  if (!wanted('sdks')) return findings;
  console.log(`SDKs to ${engine.id}, profile ${report.value.profile} …`);
  const lone = await startLoneEngine(engine, report.value.profile);
  try {
    return [...findings, ...(await checkSdks(lone))];
  } finally {
    await lone.stop();
  }
}
