// The shop's own script: a product is shown without leaving the page, as single-page applications do.
const heading = document.querySelector("h1");
const overview = heading.textContent;

function show() {
  const name = /^\/products\/(\w+)/.exec(location.pathname)?.[1];
  heading.textContent = name ? name[0].toUpperCase() + name.slice(1) : overview;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-soft]");
  if (!link) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  show();
});
addEventListener("popstate", show);
show();
