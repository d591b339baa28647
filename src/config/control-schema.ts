import { z } from 'zod';
import { listenTlsSchema } from './reach-schema.ts';
import { secretReference, wholeNumber } from './schema-parts.ts';

export const controlSchema = z.strictObject({
  host: z
    .string()
    .min(1)
    .max(253)
    .default('127.0.0.1')
    .describe('Address to listen on. Anything other than a loopback address needs `publicAccess: true`, `tls` and a user who is an admin.'),
  port: wholeNumber(0, 65_535).optional().describe('TCP port; 0 takes any free one. Default: the one after `listen.port`.'),
  publicAccess: z.boolean().default(false).describe('Says that other machines may reach it.'),
  tls: listenTlsSchema
    .optional()
    .describe('Certificate to listen with over TLS 1.2 or newer. The files are read again when they change and on SIGHUP. Default: plain HTTP.'),
  directory: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe('Folder of users, tokens, overlay and audit log, relative to this file. Default: `control` in the folder of the ledger.'),
  secret: secretReference
    .optional()
    .describe('What tokens and second factors are kept under, as `env:NAME` or `file:PATH`. Default: a file that the first start makes there.'),
});
