import { expect, test } from 'vitest';
import { deviationOf } from './known-deviations.ts';
import { readReport } from './read-report.ts';

// Shortened from what pytest 9.0.3 wrote of these tests.
const xml =
  '<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" tests="3">' +
  '<testcase classname="tests.api_resources.test_models.TestModels" name="test_method_list[loose]" time="0.01" />' +
  '<testcase classname="tests.api_resources.test_models.TestModels" name="test_method_delete[strict]" time="0.01">' +
  '<failure message="openai.APIStatusError: Error code: 405 - The route exists, with another method. Use &quot;GET&quot;.&#10;more">text</failure></testcase>' +
  '<testcase classname="tests.api_resources.test_models.TestModels" name="test_x" time="0.01"><skipped message="no" /></testcase>' +
  '</testsuite></testsuites>';

test('a report is its tests, with the first line of why each failed', () => {
  const suite = 'test_models.TestModels';
  expect(readReport(xml)).toEqual([
    { suite, name: 'test_method_list', result: 'passed', why: '' },
    {
      suite,
      name: 'test_method_delete',
      result: 'failed',
      why: 'openai.APIStatusError: Error code: 405 - The route exists, with another method. Use "GET".',
    },
    { suite, name: 'test_x', result: 'skipped', why: '' },
  ]);
});

test('a deviation is known by its test and by what was said, not by the test alone', () => {
  const [, deleted] = readReport(xml);
  if (deleted === undefined) throw new Error('no test');
  expect(deviationOf(deleted)?.why).toContain('Models');
  expect(deviationOf({ ...deleted, why: 'openai.InternalServerError: Error code: 500' })).toBeUndefined();
});
