/** What to do about an image that AWS could not make, by the code of its ErrorDetails. */

/** AWS's list. https://docs.aws.amazon.com/workspaces/latest/api/API_ErrorDetails.html */
export const IMAGE_REMEDIES: Readonly<Record<string, string>> = {
  AdditionalDrivesAttached: 'detach the drives other than C: and D:, network drives among them',
  AdditionalDrivesPresent: 'remove the drives other than C: and D:',
  AmazonSsmAgentEnabled: 'disable the Amazon SSM Agent’s service while images are made',
  AntiVirusInstalled: 'remove the antivirus program, or install it when WorkSpaces are made of the image',
  AppXPackagesInstalled: 'remove the AppX packages that were installed for single users',
  AutoLogonEnabled: 'switch automatic logon off',
  AutoMountDisabled: 'switch the automatic mounting of volumes on (diskpart: automount enable)',
  AzureDomainJoined: 'take the computer out of Microsoft Entra ID (dsregcmd /leave)',
  DHCPDisabled: 'let the network adapter get its address by DHCP',
  DiskFreeSpace: 'free space on C:',
  DiskSizeExceeded: 'make the system disk smaller: it is larger than AWS takes',
  DomainAccountServicesFound: 'run Windows services under local accounts: one runs under a domain account',
  DomainJoined: 'take the computer out of its domain',
  EnvironmentVariablesPathMissingEntries: 'put the missing system folders back into the PATH variable',
  FirewallEnabled: 'switch the Windows firewall off for the public profile while images are made',
  IncompatiblePartitioning:
    'use the partitioning that AWS takes: one system partition, MBR or GPT as the bundle has it',
  InPlaceUpgrade: 'make a WorkSpace of a newer bundle: AWS makes no image of a Windows that was upgraded in place',
  InsufficientDiskSpace: 'free space on C:',
  InsufficientRearmCount: 'use a WorkSpace of a newer image: Sysprep has been run too often on this Windows',
  InvalidIp: 'let the network adapter get its address by DHCP, and restart',
  MemoryIntegrityIncompatibility: 'switch memory integrity (core isolation) off',
  MultipleBootPartition: 'leave one boot partition only',
  MultipleUserProfiles: 'delete the Windows profiles of other users: one may be there',
  OSNotSupported: 'use an operating system that WorkSpaces supports',
  OfficeInstalled: 'remove Microsoft Office: AWS’s own comes with the bundle',
  OutdatedPowershellVersion: 'install Windows PowerShell 4 or later',
  PCoIPAgentInstalled: 'remove the PCoIP agent',
  PendingReboot: 'restart the WorkSpace: Windows waits for a restart',
  ProtocolOSIncompatibility: 'use a streaming protocol that this operating system takes',
  RealTimeUniversalDisabled: 'set the registry value RealTimeIsUniversal to 1',
  RemoteDesktopServicesDisabled: 'switch Remote Desktop Services on',
  Requires64BitOS: 'use a 64-bit operating system',
  ReservedStorageInUse: 'wait until Windows has finished its update, or restart it: reserved storage is in use',
  RestrictedDriveLetterInUse: 'give the drive another letter: D: belongs to the user volume',
  StagedAppxPackage: 'remove the AppX packages that are staged and not installed for all users',
  SysPrepFileMissing: 'put Sysprep’s files back: they are missing',
  UEFINotSupported: 'start the system by BIOS: UEFI is not taken for it',
  UnknownError: 'try again; when it stays, ask AWS’s support',
  UnsupportedOsUpgrade:
    'make a WorkSpace of a newer bundle: AWS makes no image of a Windows that was upgraded in place',
  UnsupportedSecurityProtocol: 'switch TLS 1.2 on',
  UserProfileMissing: 'have the user of the WorkSpace sign in once: its profile is missing',
  VMWareToolsInstalled: 'remove VMware Tools',
  WindowsModulesInstallerDisabled: 'set the service Windows Modules Installer to start by hand or automatically',
  WindowsUpdatesEnabled: 'switch automatic Windows updates off while images are made',
  WindowsUpdatesRequired: 'install the Windows updates that are waiting',
  WorkspacesBYOLAccountDisabled: 'switch the account WorkSpaces_BYOL on',
  WorkspacesBYOLAccountNotFound: 'create the account WorkSpaces_BYOL',
  ZeroRearmCount: 'use a WorkSpace of a newer image: Sysprep cannot be run any more on this Windows',
};

/** AWS's codes, each with what to do: `PendingReboot: restart the WorkSpace …; …`. */
export const remediesText = (codes: readonly string[]): string =>
  [...new Set(codes)].map((code) => `${code}: ${IMAGE_REMEDIES[code] ?? 'see what AWS says of it'}`).join('; ');
