// Says that script runs: styles hide what only pages without it need.
document.documentElement.classList.add("scripted");
