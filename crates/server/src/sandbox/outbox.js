// Shows the outbox and looks for new messages every two seconds.
const rows = document.getElementById("outbox");
const empty = document.getElementById("empty");

function cell(text, className) {
  const cell = document.createElement("td");
  cell.textContent = text;
  if (className) cell.className = className;
  return cell;
}

async function refresh() {
  try {
    const answer = await fetch("/api/sandbox/sms");
    const { items } = await answer.json();
    rows.replaceChildren(
      ...items.map((item) => {
        const row = document.createElement("tr");
        row.append(cell(item.phone), cell(item.code ?? item.text, "code"), cell(new Date(item.at).toLocaleTimeString()));
        return row;
      }),
    );
    empty.hidden = items.length > 0;
  } catch {
    // The platform is restarting; the next look will tell.
  }
}

refresh();
setInterval(refresh, 2000);
