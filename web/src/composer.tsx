import type { KeyboardEvent, RefObject } from 'react';

interface ComposerProps {
  readonly input: RefObject<HTMLTextAreaElement | null>;
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly canAsk: boolean;
  readonly status: 'idle' | 'waiting' | 'answering';
  readonly answering: string | undefined;
  readonly unplugInMidAnswer: boolean;
  readonly onUnplugInMidAnswer: (on: boolean) => void;
  readonly onAsk: () => void;
  readonly onStop: () => void;
  readonly onUnplug: () => void;
}

export function Composer(props: ComposerProps) {
  const { text, status, answering } = props;
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    // While an input method composes (Korean, Japanese, Chinese), Enter accepts its proposal and must not send.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    props.onAsk();
  };
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        props.onAsk();
      }}
    >
      <div className="field">
        <textarea
          ref={props.input}
          rows={lineCount(text)}
          value={text}
          aria-label="Your question"
          placeholder="Ask something"
          autoFocus
          onChange={(event) => props.onText(event.target.value)}
          onKeyDown={onKeyDown}
        />
        {status === 'idle' ? (
          <button key="send" type="submit" className="main" disabled={!props.canAsk || text.trim() === ''}>
            Send
          </button>
        ) : (
          <button key="stop" type="button" onClick={props.onStop}>
            Stop
          </button>
        )}
        <button type="button" className="unplug" disabled={status !== 'answering'} onClick={props.onUnplug}>
          {answering === undefined ? 'Unplug' : `Unplug ${answering}`}
        </button>
      </div>
      <div className="below">
        <label className="check">
          <input type="checkbox" checked={props.unplugInMidAnswer} onChange={(event) => props.onUnplugInMidAnswer(event.target.checked)} />
          Unplug by itself in mid-answer
        </label>
        <span className="keys">
          <kbd>Enter</kbd> sends · <kbd>Shift</kbd>+<kbd>Enter</kbd> new line · <kbd>Esc</kbd> stops
        </span>
      </div>
    </form>
  );
}

/** The page's style policy allows no style attributes, so the field grows by rows: with the text, up to six. */
function lineCount(text: string): number {
  return Math.min(6, text.split('\n').length);
}
