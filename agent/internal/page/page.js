'use strict';
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  for (const tools of all('.tools')) tools.hidden = false;

  // Findings: filtered, opened and closed.
  const form = document.getElementById('filters');
  const table = document.querySelector('table.sortable');
  if (form && table) {
    const rows = all(':scope > tbody', table);
    const words = new Map(rows.map(row => [row, row.textContent.toLowerCase()]));
    const status = form.querySelector('[role=status]');
    const filter = () => {
      const wanted = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
      const severity = form.elements.severity.value;
      let shown = 0;
      for (const row of rows) {
        row.hidden = !wanted.every(word => words.get(row).includes(word)) || severity !== '' && !row.classList.contains(severity);
        if (!row.hidden) shown++;
      }
      status.textContent = shown === rows.length ? `All ${shown} shown` : `${shown} of ${rows.length} shown`;
    };
    form.addEventListener('input', filter);
    form.addEventListener('submit', event => event.preventDefault());
    for (const button of all('[data-details]', form)) {
      button.addEventListener('click', () => {
        for (const row of rows) if (!row.hidden) row.querySelector('details').open = button.dataset.details === 'open';
      });
    }
    filter();

    // Sorted by any column, either way.
    const heads = all('thead th', table);
    const plain = new Intl.Collator('en'), natural = new Intl.Collator('en', { numeric: true });
    heads.forEach((head, column) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => {
        const down = head.getAttribute('aria-sort') === 'ascending';
        for (const other of heads) other.removeAttribute('aria-sort');
        head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        const text = row => {
          const cell = row.rows[0].cells[column];
          return cell.dataset.sort ?? cell.textContent;
        };
        const order = head.classList.contains('natural') ? natural : plain;
        const keys = new Map(rows.map(row => [row, text(row)]));
        rows.sort((a, b) => (down ? -1 : 1) * order.compare(keys.get(a), keys.get(b)));
        table.append(...rows);
      });
    });
  }

  // What a link leads to is shown, and open.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.hidden && form) {
      form.reset();
      form.dispatchEvent(new Event('input'));
    }
    const details = target.querySelector('details');
    if (details && target.tagName === 'TBODY') {
      details.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener('hashchange', reveal);
  reveal();

  // The map: larger, smaller, as wide as the page.
  const map = document.querySelector('.map');
  if (map) {
    let zoom = 1;
    const draw = () => {
      for (const sheet of all('svg', map)) {
        const box = sheet.viewBox.baseVal;
        sheet.setAttribute('width', Math.round(box.width * zoom));
        sheet.setAttribute('height', Math.round(box.height * zoom));
      }
    };
    const widest = Math.max(...all('svg', map).map(sheet => sheet.viewBox.baseVal.width));
    const steps = { in: () => Math.min(zoom * 1.25, 4), out: () => Math.max(zoom / 1.25, .25), whole: () => map.clientWidth / (widest + 4) };
    for (const button of all('[data-zoom]')) {
      button.addEventListener('click', () => {
        zoom = steps[button.dataset.zoom]();
        draw();
      });
    }
  }

})();
