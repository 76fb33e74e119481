import { bind, deviceInfo, unbind } from '../../actors/kernel/sva/describe.ts'
import { closeDevice } from '../../actors/kernel/device-memory/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always } from '../../explore/claims/properties.ts'
import type { SvmProtocol } from '../../machines/sva/bond/forms.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes } from './words.ts'

/** Every check of BIND and UNBIND, in the order in which the kernel makes them. */
const answers: Readonly<Record<SvmProtocol, { readonly bind: readonly string[]; readonly unbind: readonly string[] }>> =
  {
    // The bond of the BIND whose answer could not be written is still there, under the same PASID, and its entry is the last that is tried.
    rfc29: {
      bind: ['-EFAULT', '-EINVAL', '-EFAULT', '0', '-EBADF'],
      unbind: ['-EFAULT', '-EINVAL', '-EINVAL', '-ESRCH', '-ESRCH'],
    },
    'rfc29-fixed': {
      bind: ['-EFAULT', '-EINVAL', '-EFAULT', '0', '-EBADF'],
      unbind: ['-EFAULT', '-EINVAL', '-EINVAL', '-ESRCH', '0'],
    },
    // It is told of a process, not of a PASID or of how its devices are done.
    container: {
      bind: ['-EFAULT', '-EINVAL', '-EFAULT', '0', '-EBADF'],
      unbind: ['-EFAULT', '-EINVAL', '-EINVAL', '0', '-ESRCH'],
    },
    'sva-domain': {
      bind: ['-EFAULT', '-EINVAL', '-EFAULT', '0', '-EBADF'],
      unbind: ['-EFAULT', '-EINVAL', '-EINVAL', '-ESRCH', '0'],
    },
  }

/** What a device and its drivers say to every wrong argument. */
export const svmErrnos = onPasids({
  name: 'svm-errnos',
  source: '[RFC PATCH 29/30], Feb 2017, vfio_svm_ioctl; the same calls of the forms that came after it',
  why:
    'The structure that cannot be read, the one that is too short, the answer that cannot be written, flags that nobody knows, a PASID that nobody has, both ' +
    'RELEASE flags at once, a descriptor that is closed.',
  byDefault: 'rfc29',
  but: { walk: 'safe', initialises: true },
  pasids: 2,
  tasks: {
    vmm0: [
      deviceInfo('dev0'),
      bind('dev0', { fault: 'in', argsz: 8 }),
      bind('dev0', { argsz: 8 }),
      bind('dev0', { fault: 'out' }),
      bind('dev0'),
      unbind('dev0', { fault: 'in', argsz: 8 }),
      unbind('dev0', { argsz: 8 }),
      unbind('dev0', { flags: 4 }),
      unbind('dev0', { pasid: 3 }),
      unbind('dev0', { flags: 3 }),
      closeDevice('dev0'),
      bind('dev0'),
    ],
  },
  properties: ({ protocol }) => [
    always<LinuxView>(
      'every call is answered as its kernel does',
      (w) =>
        w.results('info').every(({ flags }) => flags === 0x13) &&
        w
          .results('bind')
          .map(({ ret }) => `${ret}`)
          .join() === answers[protocol].bind.join() &&
        w
          .results('unbind')
          .map(({ ret }) => `${ret}`)
          .join() === answers[protocol].unbind.join(),
      { when: (w) => w.finished, finding: 'wrong-result' },
    ),
    everybodyFinishes,
  ],
  expected: [
    { protocol: 'rfc29', states: 14, findings: [] },
    { protocol: 'rfc29-fixed', states: 330, findings: [] },
    { protocol: 'container', states: 16, findings: [] },
    { protocol: 'container', as: 'repaired', states: 345, findings: [] },
    { protocol: 'sva-domain', states: 63, findings: [] },
    { protocol: 'sva-domain', as: 'repaired', states: 63, findings: [] },
    { protocol: 'rfc29-fixed', device: 'silent', states: 14, findings: [] },
  ],
  mutants: [
    {
      name: 'uninitialised',
      why: 'What UNBIND returns when nothing matches was never written.',
      but: { walk: 'safe', initialises: false },
      expected: [
        {
          protocol: 'rfc29',
          states: 14,
          findings: ['every call is answered as its kernel does', 'uninit-value returned by vfio_svm_ioctl'],
          verdicts: { 'every call is answered as its kernel does': 'violated' },
        },
      ],
    },
  ],
})
