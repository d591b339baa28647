const subjects = [
  'chips',
  'a lighthouse',
  'a clever fox',
  'two friends',
  'the sea',
  'a small engine',
  'a lost key',
  'winter',
  'a robot',
  'a gardener',
  'a bridge',
  'the moon',
  'an old clock',
  'a bakery',
  'a train',
];
const forms = [
  (subject: string) => `Tell me a long story about ${subject}.`,
  (subject: string) => `Tell me a story about ${subject}.`,
  (subject: string) => `Write a poem about ${subject}.`,
];
const questions = [
  'What is Second Source?',
  '세컨드 소스가 뭐야?',
  'Second Source는 무엇인가요?',
  'How does Second Source choose a chip?',
  'What happens when a vendor is lost?',
  'What is a canary?',
  'Count from 1 to 40.',
  'Count from 3 to 30, please.',
  'What is the memory bandwidth of the H100?',
  'What is vendor lock-in?',
];

/** Different questions that the demo model answers at some length, in English and Korean. */
export const prompts: readonly string[] = [...questions, ...forms.flatMap((form) => subjects.map((subject) => form(subject)))];
