const get = async path => (await fetch(path)).json();
const fill = (table, rows) => document.querySelector(`#${table} tbody`).replaceChildren(...rows.map(cells => {
  const row = document.createElement("tr");
  row.append(...cells.map(cell => {
    const column = document.createElement("td");
    if (typeof cell === "number") column.className = "number";
    column.append(cell);
    return column;
  }));
  return row;
}));
const answer = text => document.querySelector("#answer").textContent = text;

function redrive(id) {
  const button = document.createElement("button");
  button.textContent = "Redrive";
  button.onclick = async () => { await fetch(`dead-letters/${id}/redrive`, { method: "POST" }); await refresh(); };
  return button;
}

async function refresh() {
  const [sales, letters, health] = await Promise.all([get("sales?top=5"), get("dead-letters"), get("health/ready")]);
  fill("sales", sales.map(s => [s.stockCode, s.description, s.pieces, s.revenue]));
  fill("letters", letters.map(l => [l.eventId, l.subscription, l.reason, l.text, l.attempts, redrive(l.id)]));
  document.querySelector("#health").textContent = `${health.status}${health.description ? `: ${health.description}` : ""}`;
}

document.querySelector("#order").onsubmit = async submit => {
  submit.preventDefault();
  const form = new FormData(submit.target);
  const body = { customer: form.get("customer"), lines: [{ stockCode: form.get("stockCode"), quantity: Number(form.get("quantity")) }] };
  const response = await fetch("orders", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const result = await response.json();
  answer(response.ok ? `Order ${result.number} is accepted: £${result.total.toFixed(2)}.` : Object.values(result.errors ?? {}).flat().join(" ") || result.title);
  await refresh();
};

document.querySelector("#tills").onclick = async () => {
  const response = await fetch("tills/500", { method: "POST" });
  answer(`${(await response.json()).orders} orders are entered.`);
  await refresh();
};

refresh();
setInterval(refresh, 1000);
