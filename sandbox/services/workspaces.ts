/** Amazon WorkSpaces: personal WorkSpaces, with what upgrades, image backups and restores need around them. */
import type { Service } from '../service.ts';
import { bundleCreationOperations } from './workspaces/bundle-creation.ts';
import { bundleOperations } from './workspaces/bundles.ts';
import { connectionOperations } from './workspaces/connections.ts';
import { creationOperations } from './workspaces/creation.ts';
import { desktopOperations } from './workspaces/desktops.ts';
import { directoryOperations } from './workspaces/directories.ts';
import { imageCreationOperations } from './workspaces/image-creation.ts';
import { imagePermissionOperations } from './workspaces/image-permissions.ts';
import { imageOperations } from './workspaces/images.ts';
import { maintenanceOperations } from './workspaces/maintenance.ts';
import { migrationOperations } from './workspaces/migration.ts';
import { powerOperations } from './workspaces/power.ts';
import { propertyOperations } from './workspaces/properties.ts';
import { rebuildOperations } from './workspaces/rebuild.ts';
import { restoreOperations } from './workspaces/restore.ts';
import { snapshotOperations } from './workspaces/snapshots.ts';
import { tagOperations } from './workspaces/tags.ts';
import { terminationOperations } from './workspaces/termination.ts';

export const workspaces: Service = {
  signingName: 'workspaces',
  operations: {
    ...desktopOperations,
    ...snapshotOperations,
    ...connectionOperations,
    ...bundleOperations,
    ...bundleCreationOperations,
    ...imageOperations,
    ...imageCreationOperations,
    ...imagePermissionOperations,
    ...directoryOperations,
    ...tagOperations,
    ...powerOperations,
    ...creationOperations,
    ...terminationOperations,
    ...propertyOperations,
    ...rebuildOperations,
    ...restoreOperations,
    ...migrationOperations,
    ...maintenanceOperations,
  },
  // AWS documents this rate per account and Region, and not whether operations share it: taken as shared.
  rate: { perSecond: 2, burst: 5 },
};
