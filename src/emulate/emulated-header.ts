/** Set on every answer of an emulator, with the profile's id: nothing downstream may take it for the real chip. */
export const emulatedHeader = 'x-second-source-emulated';
