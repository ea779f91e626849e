// Names what sticks out of the screen sideways and is not in a box that scrolls.
Array.from(document.body.querySelectorAll('*')).filter((node) => {
  const box = node.getBoundingClientRect();
  if (box.width === 0 || box.height === 0 || (box.left >= -1 && box.right <= document.documentElement.clientWidth + 1)) return false;
  for (let around = node.parentElement; around; around = around.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(around).overflowX)) return false;
  }
  return true;
}).map((node) => node.tagName + (node.id ? '#' + node.id : '') + ': ' + node.textContent.slice(0, 40));
