import { bodyLengthCases } from './body-length-cases.ts';
import { chunkCases } from './chunk-cases.ts';
import { headerCases } from './header-cases.ts';
import { pipelineCases } from './pipeline-cases.ts';
import { requestLineCases } from './request-line-cases.ts';
import type { RequestCase } from './request-case.ts';

/** Everything that is sent to the listener, by name. Each name is there once. */
export const allRequestCases: readonly RequestCase[] = [...requestLineCases, ...headerCases, ...bodyLengthCases, ...chunkCases, ...pipelineCases];
