import { parentPort } from 'node:worker_threads';
import { runStudyTask, type StudyTask } from './study-task.ts';

/** Works off one task after another; the thread that sends them decides when there is the next. */
parentPort?.on('message', (task: StudyTask) => {
  runStudyTask(task).then(
    (result) => parentPort?.postMessage({ ok: true, result }),
    (error: unknown) => parentPort?.postMessage({ ok: false, message: error instanceof Error ? error.message : String(error) }),
  );
});
