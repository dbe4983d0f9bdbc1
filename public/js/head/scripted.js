// Says that script runs, before anything is painted: styles hide what only pages without it need.
document.documentElement.classList.add("scripted");
