'use strict';
// Follows a run: a line above the report, and a new report after each epoch.
(() => {
  const data = JSON.parse(document.getElementById('page-data').textContent);
  const drawn = data.epochs.length;
  const line = document.createElement('p');
  line.id = 'live';
  line.setAttribute('role', 'status');
  line.textContent = 'Waiting for the first step';
  document.querySelector('header').append(line);
  const events = new EventSource('/events');
  let ended = false;

  events.onmessage = (event) => {
    const state = JSON.parse(event.data);
    ended = state.ended;
    if (state.done > drawn) {
      events.close();
      location.reload(); // the browser keeps the place
      return;
    }
    if (ended) {
      line.textContent = 'Training has ended. report.html has the test, too.';
      return;
    }
    const words = [];
    if (state.step) words.push('Epoch ' + state.epoch + ' of ' + state.epochs, 'step ' + state.step + ' of ' + state.steps);
    if (state.loss !== undefined) {
      words.push('loss ' + state.loss.toFixed(4), 'accuracy ' + (100 * state.accuracy).toFixed(2) + ' %',
        Math.round(state.images_per_second).toLocaleString('en') + ' images/s');
    }
    if (words.length) line.textContent = words.join(' · ');
  };
  events.onerror = () => {
    if (events.readyState !== EventSource.CLOSED && !ended) line.textContent += ' (no answer: the run may have ended)';
    events.close();
  };
})();
