import { join } from 'node:path';
import { engineFolder } from '../../../scripts/verify-engines/engine-folder.ts';

/** Where the peers that no distribution packages are installed; git ignores it. */
export const peerFolder = join(engineFolder, 'gateway-peers');
