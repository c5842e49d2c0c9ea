// Light or dark: as the system is set, or as the button says, which is remembered. It also makes the copy buttons work.
'use strict';
{
  const NAMES = {system: 'as the system', light: 'light', dark: 'dark'};
  const SIGNS = {system: '◐', light: '☀', dark: '☾'};
  const dark = matchMedia('(prefers-color-scheme: dark)');

  // A browser may forbid a page to remember anything.
  const remembered = () => {
    try {
      return localStorage.getItem('enroll-theme');
    } catch {
      return null;
    }
  };
  const remember = theme => {
    try {
      localStorage.setItem('enroll-theme', theme);
    } catch {
      // Then it lasts as long as the page.
    }
  };

  let theme = Object.hasOwn(NAMES, remembered()) ? remembered() : 'system';
  const apply = () => {
    const root = document.documentElement;
    root.dataset.theme = theme;
    root.dataset.dark = String(theme === 'system' ? dark.matches : theme === 'dark');
    const button = document.getElementById('theme');
    if (button) {
      button.hidden = false;
      button.textContent = SIGNS[theme];
      button.title = `Colours: ${NAMES[theme]}`;
      button.setAttribute('aria-label', button.title);
    }
    // Others draw by it too.
    dispatchEvent(new CustomEvent('enroll-theme'));
  };
  // Before the page is drawn, so that it does not flash.
  apply();
  dark.addEventListener('change', apply);

  const copy = async button => {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = 'Copied';
    } catch {
      // It may be forbidden: then the text is chosen, and a key copies it.
      getSelection().selectAllChildren(source);
      button.textContent = 'Press Ctrl+C';
    }
  };

  addEventListener('DOMContentLoaded', () => {
    apply();
    document.getElementById('theme').addEventListener('click', () => {
      const names = Object.keys(NAMES);
      theme = names[(names.indexOf(theme) + 1) % names.length];
      remember(theme);
      apply();
    });
    for (const button of document.querySelectorAll('[data-copy]')) {
      button.addEventListener('click', () => copy(button));
    }
  });
}
